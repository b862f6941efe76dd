import type { Rolldown } from 'vite'

/** What the compiler's output runs on. */
const RUNTIME = /node_modules\/(svelte|clsx|esm-env)\/|vite\/preload-helper/
/** What of it the officer's first view does without. */
const OF_FORMS = /node_modules\/svelte\/.*\/(bindings\/(input|select|size)|await|clone)\.js$/
/** Every page begins with these. */
const CORE = [
  'styles/base.css',
  'words.ts',
  'words/shared/id.json',
  'http.ts',
  'problems.ts',
  'places.ts',
  'destination.ts',
  'olderBrowsers.ts',
  'lapor/keep.ts',
  'lapor/outbox/act.ts',
  // The door does without; a file more would cost the officer's first visit more.
  ...['page/session.svelte.ts', 'page/guide.ts', 'operations.ts', 'uuid7.ts', 'nik.ts'],
  ...['Notice.svelte', 'preferences.svelte.ts', 'english.svelte.ts', 'signedInHere.ts'].map((name) => `page/${name}`),
]
/** Every page but the officer's, whose head is its own; proof of who somebody is with it, for the door has no connection left for one more file. */
const HEAD = [
  'words/common/id.json',
  'words/door/id.json',
  'countdown.ts',
  ...['passkeys.ts', 'passkeyJson.ts', 'deviceStore.ts'].map((name) => `factors/${name}`),
  'base64.ts',
  'page/tied.ts',
  ...['Masthead.svelte', 'Field.svelte', 'Reading.svelte', 'Mark.svelte', 'Failure.svelte', 'Countdown.svelte', 'attempt.svelte.ts'].map((name) => `page/${name}`),
]
/**
 * What several pages share, in two files: the builder by itself makes one for every set of pages that share something, twenty for
 * the sign-in. On one bar of signal a round of requests is half a second, and browsers ask six things of a server at a time.
 */
export const CHUNKS: NonNullable<Rolldown.OutputOptions['codeSplitting']> = {
  includeDependenciesRecursively: false,
  groups: Object.entries({ core: CORE, head: HEAD }).map(([name, files]) => ({
    name,
    test: (id: string) => (name === 'core' && RUNTIME.test(id) && !OF_FORMS.test(id)) || (name === 'head' && OF_FORMS.test(id)) || files.some((file) => id.split('?', 1)[0]?.endsWith(`/web/src/${file}`)),
  })),
}
