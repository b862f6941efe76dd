import type { Report } from '../records.ts'

const FILMED: readonly string[] = ['milestone', 'count', 'custody', 'incident']

/** Whether there may be photos of a report: those that it promises, and of what replaces another those that that had. */
export function mayHavePhotos({ content }: Pick<Report, 'content'>): boolean {
  if (content.kind === 'correction') return content.replacement !== undefined && FILMED.includes(content.replacement.kind)
  return 'photos' in content && Array.isArray(content.photos) && content.photos.length > 0
}

/** Whether the photos of a report stand beside what replaces it, among these: there they count. */
export function areBelow(report: Pick<Report, 'id' | 'corrected_by'>, rows: readonly Pick<Report, 'id' | 'content'>[]): boolean {
  return rows.some(({ id, content }) => id === report.corrected_by && content.kind === 'correction' && mayHavePhotos({ content }))
}
