import type { Severity } from '../../counters.ts'
import type { Konsol } from '../konsol.svelte.ts'
import { Apart } from './apart.ts'

const SOUND = 'posko.board.sound'
const VOLUME = 'posko.board.volume'

/** Tones of a severity: hertz, and seconds from the beginning. The graver, the more, the higher, the longer. */
const TONES: Record<Severity, readonly (readonly [number, number])[]> = {
  kritis: [[880, 0], [660, 0.16], [880, 0.32], [660, 0.48], [880, 0.64]],
  tinggi: [[740, 0], [880, 0.18], [740, 0.36]],
  sedang: [[587, 0], [698, 0.2]],
  rendah: [[523, 0]],
}

/** The sound of what arrives; made here, off or on and how loud as this browser remembers. */
export class Chime {
  isOn = $state(localStorage.getItem(SOUND) !== 'off')
  /** 0 to 1. */
  volume = $state(volumeOf(localStorage.getItem(VOLUME)))
  /** Browsers play nothing before somebody has touched the page. */
  isWaiting = $state(!(navigator.userActivation?.hasBeenActive ?? false))
  /** What was played last, and how often anything was. */
  last: Severity | null = $state(null)
  played = $state(0)
  private context: AudioContext | null = null
  private readonly apart = new Apart((severity) => this.sound(severity))

  constructor() {
    // Once it is over, not as it begins: what says that it waits would go, and move what is pressed from under the finger.
    for (const kind of ['click', 'keyup']) addEventListener(kind, () => this.touched())
  }

  turn(isOn: boolean): void {
    this.isOn = isOn
    localStorage.setItem(SOUND, isOn ? 'on' : 'off')
    if (!isOn) this.apart.stop()
  }

  loud(volume: number): void {
    this.volume = volume
    localStorage.setItem(VOLUME, String(volume))
  }

  /** Somebody has touched the page: from now on it may sound. */
  touched(): void {
    if (!this.isWaiting) return
    this.isWaiting = false
    void this.context?.resume()
  }

  play(severity: Severity): void {
    if (this.isOn && !this.isWaiting) this.apart.play(severity)
  }

  private sound(severity: Severity): void {
    this.context ??= new AudioContext()
    if (this.context.state === 'suspended') void this.context.resume()
    for (const [hertz, after_s] of TONES[severity]) tone(this.context, hertz, this.context.currentTime + 0.02 + after_s, this.volume)
    this.last = severity
    this.played += 1
  }
}

/** The one of a konsol: what its board plays and what is heard elsewhere do not sound over each other. */
export function chimeOf(konsol: Konsol): Chime {
  return (konsol.chime ??= new Chime())
}

function tone(context: AudioContext, hertz: number, at_s: number, volume: number): void {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()]
  oscillator.type = 'triangle'
  oscillator.frequency.value = hertz
  // Begins and ends softly: a hard edge clicks.
  gain.gain.setValueAtTime(0, at_s)
  gain.gain.linearRampToValueAtTime(volume * 0.5, at_s + 0.015)
  gain.gain.exponentialRampToValueAtTime(0.001, at_s + 0.15)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(at_s)
  oscillator.stop(at_s + 0.17)
}

function volumeOf(kept: string | null): number {
  const volume = kept === null ? 0.6 : Number(kept)
  return volume >= 0 && volume <= 1 ? volume : 0.6
}
