const MARK = 'posko.lapor.guide'

/** Whether the guide has not been dismissed on this phone. */
export function isGuideWanted(): boolean {
  return localStorage.getItem(MARK) === null
}

/** It is not shown again. */
export function dismissGuide(): void {
  localStorage.setItem(MARK, '1')
}
