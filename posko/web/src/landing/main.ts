import { mount } from 'svelte'
import '../styles/base.css'
import Landing from './Landing.svelte'

const target = document.getElementById('app')
if (target) mount(Landing, { target })
