import 'swagger-ui-dist/swagger-ui.css'
import './docs.css'
import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-bundle.js'

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#app',
  deepLinking: true,
  // A hundred and forty operations: the tags first.
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  // The default sends the description to a validator on the Internet.
  validatorUrl: null,
})
