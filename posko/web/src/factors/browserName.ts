/** What a browser on a machine is called until its owner names it: `Chrome, Android`. */
export function nameOfBrowser(agent: string): string {
  const browser = ALL.browsers.find(([pattern]) => pattern.test(agent))?.[1]
  const machine = ALL.machines.find(([pattern]) => pattern.test(agent))?.[1]
  return [browser, machine].filter(Boolean).join(', ') || 'Peramban'
}

// The order matters: Edge and Samsung call themselves Chrome, too, and Chrome calls itself Safari.
const ALL: Record<'browsers' | 'machines', [RegExp, string][]> = {
  browsers: [
    [/Edg(A|iOS)?\//, 'Edge'],
    [/SamsungBrowser\//, 'Samsung Internet'],
    [/OPR\//, 'Opera'],
    [/(Firefox|FxiOS)\//, 'Firefox'],
    [/(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ],
  machines: [
    [/Android/, 'Android'],
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'Mac'],
    [/CrOS/, 'Chromebook'],
    [/Linux/, 'Linux'],
  ],
}
