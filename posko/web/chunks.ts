import type { Rolldown } from 'vite'

/** What the compiler's output runs on. */
const RUNTIME = /node_modules\/svelte\/|vite\/preload-helper/
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
  // The door does without; a file more would cost the officer's first visit more.
  ...['page/session.svelte.ts', 'page/guide.ts', 'operations.ts', 'uuid7.ts', 'nik.ts'],
  ...['Notice.svelte', 'preferences.svelte.ts', 'english.svelte.ts', 'signedInHere.ts'].map((name) => `page/${name}`),
]
/** Every page but the officer's, whose head is its own. */
const HEAD = ['words/common/id.json', ...['Masthead.svelte', 'Field.svelte', 'Reading.svelte', 'Mark.svelte', 'Failure.svelte', 'Countdown.svelte', 'attempt.svelte.ts'].map((name) => `page/${name}`), 'countdown.ts']
/** Proof of who somebody is. */
const FACTORS = ['factors/passkeys.ts', 'factors/passkeyJson.ts', 'factors/deviceStore.ts', 'base64.ts', 'words/door/id.json']
/**
 * What several pages share, in few files: the builder by itself makes one for every set of pages that share something, twenty for
 * the sign-in. On one bar of signal a round of requests is half a second, and browsers ask six things of a server at a time.
 */
export const CHUNKS: NonNullable<Rolldown.OutputOptions['codeSplitting']> = {
  groups: Object.entries({ core: CORE, head: HEAD, factors: FACTORS }).map(([name, files]) => ({
    name,
    test: (id: string) => (name === 'core' && RUNTIME.test(id)) || files.some((file) => id.split('?', 1)[0]?.endsWith(`/web/src/${file}`)),
  })),
}
