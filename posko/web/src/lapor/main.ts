import { mount } from 'svelte'
import '../styles/base.css'
import './lapor.css'
import App from './App.svelte'
import { startPhone } from './phone.ts'
import { renewWhereScriptsAreMissing } from './renewal.ts'

renewWhereScriptsAreMissing()
const target = document.getElementById('app')
if (target) mount(App, { target, context: startPhone() })
