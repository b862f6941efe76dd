import { Refusal, type Api } from '../../http.ts'
import type { Page, Report } from '../../records.ts'
import { mayHavePhotos } from '../photos.ts'
import type { Detail, Directive, Entry, Incident, IncidentPage, Photo, Request, Step } from './incident.ts'

/** Reports that are shown at once; the others when asked for. */
const REPORTS = 5
const ENTRIES = 200
/** Rows of a log that are read; longer ones are read from their beginning up to here. */
const ENTRIES_MOST = 1_000

export interface ReportShown {
  report: Report
  photos: Photo[]
}

export interface CaseOptions {
  /** The widest region that this seat sees around a place: parts and directives may lie anywhere in it. */
  around: (place: string) => string
  onRead: (incident: Incident) => void
}

/** One incident that is looked at, with what it is made of; read again whenever its version moves. */
export class Case {
  readonly id: string
  incident: Incident | null = $state.raw(null)
  requests: Request[] = $state.raw([])
  watchers: string[] = $state.raw([])
  entries: Entry[] = $state.raw([])
  preview: Step[] = $state.raw([])
  duplicates: Incident[] = $state.raw([])
  parent: Incident | null = $state.raw(null)
  mergedInto: Incident | null = $state.raw(null)
  parts: Incident[] = $state.raw([])
  directives: Directive[] = $state.raw([])
  reports: ReportShown[] = $state.raw([])
  /** How many reports it is made of; 500 at most are told. */
  reportIds: string[] = $state.raw([])
  problem: Refusal | null = $state.raw(null)
  private reportsWanted = REPORTS
  private reportsKey = ''
  /** What was asked for last. */
  private reportsAsked = ''
  private reading: Promise<void> | null = null
  private isStale = false
  private readonly api: Api
  private readonly options: CaseOptions

  constructor(api: Api, id: string, options: CaseOptions) {
    this.api = api
    this.id = id
    this.options = options
  }

  /** Reads it whole; while it is being read, once more afterwards. */
  read(): Promise<void> {
    if (this.reading) {
      this.isStale = true
      return this.reading
    }
    this.reading = this.readOn().finally(() => (this.reading = null))
    return this.reading
  }

  async moreReports(): Promise<void> {
    this.reportsWanted += 20
    await this.readReports()
  }

  /** The photos of a report that were still on their way. */
  async photosAgain(id: string): Promise<void> {
    const photos = await this.api.get<Photo[]>(`/v1/reports/${id}/photos`)
    this.reports = this.reports.map((shown) => (shown.report.id === id ? { ...shown, photos } : shown))
  }

  private async readOn(): Promise<void> {
    do {
      this.isStale = false
      try {
        await this.readOnce()
        this.problem = null
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.problem = error
      }
    } while (this.isStale)
  }

  private async readOnce(): Promise<void> {
    const path = `/v1/incidents/${this.id}`
    const detail = await this.api.get<Detail>(path)
    // Asked for before something was done about it here, answered after.
    if (detail.incident.version < (this.incident?.version ?? 0)) return
    this.incident = detail.incident
    this.requests = detail.requests
    this.watchers = detail.watchers
    this.reportIds = detail.reports
    this.options.onRead(detail.incident)
    const region = this.options.around(detail.incident.place)
    const { operation } = detail.incident
    const [preview, duplicates, parts, directives] = await Promise.all([
      this.api.get<Step[]>(`${path}/preview`),
      this.api.get<Incident[]>(`${path}/duplicates`),
      detail.incident.children > 0 ? this.api.get<IncidentPage>('/v1/incidents', { operation, region, parent: this.id, limit: 100 }) : null,
      this.api.get<Page<Directive>>('/v1/directives', { operation, region, incident: this.id }),
      this.readEntries(path),
    ])
    this.preview = preview
    this.duplicates = duplicates
    this.parts = parts?.rows ?? []
    this.directives = directives.rows
    await Promise.all([this.readRelated(detail.incident), this.readReports()])
  }

  private async readRelated(incident: Incident): Promise<void> {
    const one = async (id: string | null): Promise<Incident | null> => (id === null ? null : (await this.api.get<Detail>(`/v1/incidents/${id}`)).incident)
    ;[this.parent, this.mergedInto] = await Promise.all([one(incident.parent), one(incident.merged_into)])
  }

  /** The log is only added to: what is known of it is not read again. */
  private async readEntries(path: string): Promise<void> {
    while (this.entries.length < ENTRIES_MOST) {
      const after = this.entries.at(-1)?.seq ?? 0
      const page = await this.api.get<{ rows: Entry[]; next: number | null }>(`${path}/entries`, { after, limit: ENTRIES })
      const fresh = page.rows.filter((row) => row.seq > after)
      if (fresh.length > 0) this.entries = [...this.entries, ...fresh]
      if (page.next === null) return
    }
  }

  private async readReports(): Promise<void> {
    const wanted = this.reportIds.slice(0, this.reportsWanted)
    // A correction changes what a report is worth, not which reports there are.
    const key = `${wanted.join()}:${this.entries.filter((entry) => entry.action.startsWith('report')).length}`
    if (key === this.reportsKey || key === this.reportsAsked) return
    this.reportsAsked = key
    const reports = await Promise.all(
      wanted.map(async (id) => {
        const report = await this.api.get<Report>(`/v1/reports/${id}`)
        return { report, photos: mayHavePhotos(report) ? await this.api.get<Photo[]>(`/v1/reports/${id}/photos`) : [] }
      }),
    ).catch((error: unknown) => {
      if (this.reportsAsked === key) this.reportsAsked = ''
      throw error
    })
    // More were asked for since, or a correction came: that answer counts, whichever is the first.
    if (this.reportsAsked !== key) return
    this.reports = reports
    this.reportsKey = key
  }
}
