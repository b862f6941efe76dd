import { mount } from 'svelte'
import '../styles/base.css'
import App from './App.svelte'
import { assetsOf } from './fresh.ts'

const target = document.getElementById('app')
if (target) mount(App, { target, props: { running: assetsOf(document.head.innerHTML) } })
