/** The page of Swagger UI; everything it needs comes from the gateway. */
export const swaggerPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Atrium API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="page"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** Starts Swagger UI on the merged document; without a validator, which would be asked over the network. */
export const swaggerStart = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
`;

/** The page of Redoc. */
export const redocPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Atrium API reference</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="page"></div>
    <script src="/redoc/redoc.standalone.js"></script>
    <script src="/redoc/start.js"></script>
  </body>
</html>
`;

/** Starts Redoc with the fonts of the reader's system. */
export const redocStart = `const fontFamily = 'system-ui, sans-serif';
Redoc.init(
  '/openapi.json',
  { theme: { typography: { fontFamily, headings: { fontFamily } } } },
  document.getElementById('page'),
);
`;
