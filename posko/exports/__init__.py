"""Taking along what is shown: tables and lists as files, whole and of one version."""
