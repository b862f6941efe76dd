"""What is wrong, who has it, and what happens when nobody does anything."""
