/** Milliseconds that something which came under a thumb by itself - another device filed, a list was sorted anew - takes no tap: nobody can have meant it yet. */
export const SETTLE_MS = 600
