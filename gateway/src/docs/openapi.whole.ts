import { serviceNames } from '@atrium/contracts';
import type { OpenApiDocument } from '@atrium/service-kit';
import { createMatcher } from '../entry/route.match.ts';
import { openapi } from '../own.routes.ts';
import { routes } from '../routes.table.ts';
import { mergeDocuments, servedBy, type MergedDocument } from './openapi.merge.ts';

/**
 * What the gateway serves at `/openapi.json` when every service answers, without asking any: for clients that are
 * generated from it.
 */
export const describeWhole = (documents: Readonly<Record<string, OpenApiDocument | undefined>>): MergedDocument =>
  mergeDocuments(
    [
      ...serviceNames.map((service) => ({ service, document: documents[service] })),
      { service: 'gateway', document: openapi() },
    ],
    servedBy(createMatcher(routes)),
  );
