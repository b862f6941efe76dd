import { givingUpAfter } from '../olderBrowsers.ts'

const LOOK_MS = 60_000
const EVERY_MS = 3_600_000

/** The scripts and styles that a document of ours names; their names bear the hash of what is in them. */
export function assetsOf(html: string): string {
  const found = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)]
  return [...new Set(found.map(([, path]) => path))].sort().join(' ')
}

export interface Freshness {
  /** What runs here, as `assetsOf` its document. */
  running: string
  /** Only a wall that is well is taken away for a moment. */
  isWell: () => boolean
  reload: () => void
  /** The document as it is deployed now; empty or a rejection: no answer. */
  ask?: () => Promise<string>
  random?: () => number
}

export interface Watchman {
  /** The wall is well again: after a deployment it was not. */
  look: () => void
  stop: () => void
}

/** Looks about once an hour whether other pages are deployed than those that run here, and loads them. */
export function stayFresh({ running, isWell, reload, ask = deployed, random = Math.random }: Freshness): Watchman {
  const pause = (): number => EVERY_MS * (0.5 + random())
  let next = performance.now() + pause()

  async function look(): Promise<void> {
    if (performance.now() < next || !isWell()) return
    next = performance.now() + pause()
    const there = assetsOf(await ask().catch(() => ''))
    // No answer, or somebody else's page in between: no version of ours.
    if (there && there !== running) reload()
  }

  const looking = setInterval(() => void look(), LOOK_MS)
  return { look: () => void look(), stop: () => clearInterval(looking) }
}

async function deployed(): Promise<string> {
  const answer = await fetch(location.pathname, { cache: 'no-store', signal: givingUpAfter(15_000) })
  return answer.ok ? answer.text() : ''
}
