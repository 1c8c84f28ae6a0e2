import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A file of the documentation page. */
export interface DocsAsset {
  readonly contentType: string;
  readonly content: string | Buffer;
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Sallyport API</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
`;

/** What the page loads and does: itself, its own files, requests to this API. No inline script or style. */
export const DOCS_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

/** The documentation page, and the few files it needs of the Swagger UI that @nestjs/swagger brings along. */
export function loadDocsAssets(): {
  readonly page: DocsAsset;
  readonly files: ReadonlyMap<string, DocsAsset>;
} {
  const besideNestSwagger = createRequire(require.resolve('@nestjs/swagger'));
  const file = (name: string, contentType: string) => {
    const content = readFileSync(besideNestSwagger.resolve(`swagger-ui-dist/${name}`));
    return [name, { contentType, content }] as const;
  };
  return {
    page: { contentType: 'text/html; charset=utf-8', content: PAGE },
    files: new Map<string, DocsAsset>([
      file('swagger-ui.css', 'text/css; charset=utf-8'),
      file('swagger-ui-bundle.js', 'text/javascript; charset=utf-8'),
      file('favicon-32x32.png', 'image/png'),
      ['start.js', { contentType: 'text/javascript; charset=utf-8', content: START }],
    ]),
  };
}
