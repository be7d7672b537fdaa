import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { notFound, route, type Route } from '@atrium/service-kit';
import { z } from 'zod';
import { redocPage, redocStart, swaggerPage, swaggerStart } from './docs.pages.ts';
import type { MergedDocument } from './openapi.merge.ts';

const require = createRequire(import.meta.url);

/** Both pages style themselves inline, and Redoc searches in a worker it makes itself; nothing comes from elsewhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Asset {
  readonly type: string;
  readonly read: () => Promise<Buffer | string>;
}

const packaged = (type: string, path: string): Asset => {
  let content: Promise<Buffer> | undefined;
  return { type, read: () => (content ??= readFile(path)) };
};
const written = (type: string, text: string): Asset => ({ type, read: () => Promise.resolve(text) });

const JS = 'text/javascript; charset=utf-8';
const swagger: Record<string, Asset> = {
  'swagger-ui.css': packaged('text/css; charset=utf-8', require.resolve('swagger-ui-dist/swagger-ui.css')),
  'swagger-ui-bundle.js': packaged(JS, require.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
  'favicon-32x32.png': packaged('image/png', require.resolve('swagger-ui-dist/favicon-32x32.png')),
  'start.js': written(JS, swaggerStart),
};
const redoc: Record<string, Asset> = {
  'redoc.standalone.js': packaged(JS, require.resolve('redoc/bundles/redoc.standalone.js')),
  'start.js': written(JS, redocStart),
};

const page = (path: string, id: string, summary: string, html: string): Route =>
  route({
    method: 'get',
    path,
    surface: 'root',
    id,
    summary,
    permission: 'public',
    produces: 'text/html',
    handler: async ({ res }) => {
      res.set('content-security-policy', PAGE_POLICY).type('html').send(html);
    },
  });

const files = (path: string, id: string, assets: Record<string, Asset>): Route =>
  route({
    method: 'get',
    path: `${path}/:file`,
    surface: 'root',
    id,
    summary: 'A file of the page',
    permission: 'public',
    params: z.object({ file: z.string() }),
    produces: 'application/octet-stream',
    handler: async ({ params, res }) => {
      const asset = Object.hasOwn(assets, params.file) ? assets[params.file] : undefined;
      if (!asset) return notFound('file', params.file);
      res
        .set('cache-control', 'public, max-age=3600')
        .type(asset.type)
        .send(await asset.read());
    },
  });

/** The documentation of everything behind the gateway, readable without a network. */
export const docsRoutes = (document: () => Promise<MergedDocument>): Route[] => [
  route({
    method: 'get',
    path: '/openapi.json',
    surface: 'root',
    id: 'readMergedOpenApi',
    summary: 'The whole API as an OpenAPI 3.1 document',
    permission: 'public',
    response: z.looseObject({}),
    handler: async () => ({ ...(await document()) }),
  }),
  page('/docs', 'readDocs', 'The API to read and to try', swaggerPage),
  files('/docs', 'readDocsFile', swagger),
  page('/redoc', 'readReference', 'The API to read', redocPage),
  files('/redoc', 'readReferenceFile', redoc),
];
