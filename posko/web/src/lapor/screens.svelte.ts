/** Screens that are fetched when they are first wanted, and ahead of that once the page rests: the first opening stays light. */

const LOADERS = {
  // These come first: they belong to the first screen, but nothing of it waits for them.
  rest: () => import('./rest.ts'),
  news: () => import('./terkirim/ItemCard.svelte'),
  guide: () => import('./Guide.svelte'),
  lapor: () => import('./Reports.svelte'),
  terkirim: () => import('./terkirim/Terkirim.svelte'),
  form: () => import('./form/FormPage.svelte'),
  item: () => import('./terkirim/ItemPage.svelte'),
  arahan: () => import('./arahan/Arahan.svelte'),
  directive: () => import('./arahan/DirectivePage.svelte'),
  places: () => import('./places/Places.svelte'),
  paper: () => import('./paper/Paper.svelte'),
  menu: () => import('./Menu.svelte'),
  install: () => import('./Install.svelte'),
  arrivals: () => import('./Arrivals.svelte'),
}

export type Name = keyof typeof LOADERS
export type Loaded = { [N in Name]?: Awaited<ReturnType<(typeof LOADERS)[N]>>['default'] }

export class Screens {
  loaded: Loaded = $state.raw({})
  /** The one that could not be fetched. */
  missing: Name | null = $state(null)
  private readonly fetchWords: () => Promise<void>
  private hasWords = false

  constructor(fetchWords: () => Promise<void>) {
    this.fetchWords = fetchWords
  }

  /** Resolves when the screen is here, or cannot be fetched; what is no such screen is here already. */
  async load(name: string): Promise<void> {
    if (!isScreen(name) || this.loaded[name]) return
    try {
      const [{ default: screen }] = await Promise.all([LOADERS[name](), this.hasWords ? undefined : this.fetchWords()])
      this.hasWords = true
      this.loaded = { ...this.loaded, [name]: screen }
      if (this.missing === name) this.missing = null
    } catch {
      // No network, and the page is not kept on this phone yet.
      this.missing = name
    }
  }

  /** Fetches the rest, so that they open without a network too. */
  async loadAll(): Promise<void> {
    for (const name of Object.keys(LOADERS)) await this.load(name)
    this.missing = null
  }
}

function isScreen(name: string): name is Name {
  return name in LOADERS
}
