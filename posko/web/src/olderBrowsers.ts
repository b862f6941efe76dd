/**
 * What browsers of 2021 and 2022 do not have yet, done by hand: the oldest that the officers' pages run in are Chrome 94 and
 * Safari 15.4 (oldest.ts). A name that such a browser does not know is not used elsewhere in the pages;
 * tests/e2e/test_lapor_older.py takes these names away and files all the same.
 */

/** `?a=1&b=2`, or nothing where there is nothing to ask. (`URLSearchParams.size`: Chrome 113, Safari 17.) */
export function asked(params: URLSearchParams): string {
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** A signal that gives up after `ms`. (`AbortSignal.timeout`: Chrome 103, Safari 16.) */
export function givingUpAfter(ms: number): AbortSignal {
  if ('timeout' in AbortSignal) return AbortSignal.timeout(ms)
  const giving = new AbortController()
  setTimeout(() => giving.abort(), ms)
  return giving.signal
}
