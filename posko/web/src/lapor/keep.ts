/** Has /lapor kept on this phone by its service worker; rejects where that cannot be (no secure origin, no network). */
export async function keepOfficersPage(): Promise<ServiceWorkerRegistration> {
  return await navigator.serviceWorker.register('/lapor/sw.js', { scope: '/lapor/' })
}
