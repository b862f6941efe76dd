import type { Report } from '../records.ts'

/** Whether a report, or what corrects it, promises photos. */
export function hasPhotos({ content }: Pick<Report, 'content'>): boolean {
  const said = content.kind === 'correction' ? content.replacement : content
  return said !== undefined && 'photos' in said && Array.isArray(said.photos) && said.photos.length > 0
}
