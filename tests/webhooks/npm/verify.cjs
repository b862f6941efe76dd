// Reads [{secret, headers, body}], body in base64; prints of each null, or why it was refused.
const { Webhook } = require('standardwebhooks')
const { readFileSync } = require('node:fs')

const said = JSON.parse(readFileSync(0, 'utf8')).map(({ secret, headers, body }) => {
  try {
    new Webhook(secret).verify(Buffer.from(body, 'base64'), headers)
    return null
  } catch (refused) {
    return `${refused.name}: ${refused.message}`
  }
})
console.log(JSON.stringify(said))
