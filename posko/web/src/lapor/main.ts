import { mount } from 'svelte'
import '../styles/base.css'
import './lapor.css'
import App from './App.svelte'
import { startPhone } from './phone.ts'
import { renewWhereScriptsAreMissing } from './renewal.ts'

/** Longer, and a page without anything would look broken. */
const PATIENCE_MS = 100

renewWhereScriptsAreMissing()
const target = document.getElementById('app')
if (target) void start(target)

/** What is known by now is drawn at once: an old phone draws a page that says "loading" as slowly as one that says something. */
async function start(target: HTMLElement): Promise<void> {
  const { context, known } = startPhone()
  await Promise.race([known, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  mount(App, { target, context })
}
