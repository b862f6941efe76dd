import { mount } from 'svelte'
import '../styles/base.css'
import App from './App.svelte'

// The browser would keep a line of every request: a night's are thousands, and nobody reads them.
performance.setResourceTimingBufferSize(0)

const target = document.getElementById('app')
if (target) mount(App, { target })
