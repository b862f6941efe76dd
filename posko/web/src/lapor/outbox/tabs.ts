/** The other tabs of this phone (and its service worker): told when something on the shelf is new. */
export class Tabs {
  /** None in Safari before 15.4: there a tab looks when it is shown. */
  private readonly channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('posko.lapor') : null

  constructor(heard: () => void) {
    if (this.channel) this.channel.onmessage = () => heard()
  }

  tell(): void {
    this.channel?.postMessage('changed')
  }
}
