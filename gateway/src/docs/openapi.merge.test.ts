import { describe, expect, it } from '@jest/globals';
import type { OpenApiDocument } from '@atrium/service-kit';
import { mergeDocuments } from './openapi.merge.ts';

const documentOf = (paths: Record<string, string>, schemas: Record<string, unknown> = {}): OpenApiDocument =>
  ({
    openapi: '3.1.0',
    info: { title: 'One', version: '1' },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operationId]) => [
        path,
        { get: { operationId, responses: { 200: { content: { $ref: '#/components/schemas/Thing' } } } } },
      ]),
    ),
    components: { schemas },
  }) as unknown as OpenApiDocument;

const everything = (): boolean => true;
const text = { type: 'string' };
const number = { type: 'number' };

describe('mergeDocuments', () => {
  it('joins paths and shares equal components', () => {
    const merged = mergeDocuments(
      [
        { service: 'auth', document: documentOf({ '/api/v1/a': 'readA' }, { Thing: text }) },
        { service: 'billing', document: documentOf({ '/api/v1/b': 'readB' }, { Thing: text }) },
      ],
      everything,
    );
    expect(Object.keys(merged.paths ?? {})).toEqual(['/api/v1/a', '/api/v1/b']);
    expect(merged.components).toEqual({ schemas: { Thing: text } });
    expect(merged['x-missing']).toBeUndefined();
  });

  it('gives a component of another meaning the name of its service, and moves the references with it', () => {
    const merged = mergeDocuments(
      [
        { service: 'auth', document: documentOf({ '/api/v1/a': 'readA' }, { Thing: text }) },
        { service: 'agent-orchestrator', document: documentOf({ '/api/v1/b': 'readB' }, { Thing: number }) },
      ],
      everything,
    );
    expect(merged.components).toEqual({ schemas: { Thing: text, AgentOrchestratorThing: number } });
    expect(JSON.stringify(merged.paths?.['/api/v1/a'])).toContain('"#/components/schemas/Thing"');
    expect(JSON.stringify(merged.paths?.['/api/v1/b'])).toContain('"#/components/schemas/AgentOrchestratorThing"');
  });

  it('makes operation ids unique and leaves the documents it was given alone', () => {
    const second = documentOf({ '/api/v1/b': 'readIt' });
    const merged = mergeDocuments(
      [
        { service: 'auth', document: documentOf({ '/api/v1/a': 'readIt' }) },
        { service: 'billing', document: second },
      ],
      everything,
    );
    expect(merged.paths?.['/api/v1/a']?.get?.operationId).toBe('readIt');
    expect(merged.paths?.['/api/v1/b']?.get?.operationId).toBe('readItBilling');
    expect(second.paths?.['/api/v1/b']?.get?.operationId).toBe('readIt');
  });

  it('leaves out what is not served and names what is missing', () => {
    const merged = mergeDocuments(
      [
        { service: 'auth', document: documentOf({ '/metrics': 'readMetrics', '/api/v1/a': 'readA' }) },
        { service: 'billing', document: undefined },
      ],
      (service, path) => service === 'auth' && path.startsWith('/api/'),
    );
    expect(Object.keys(merged.paths ?? {})).toEqual(['/api/v1/a']);
    expect(merged['x-missing']).toEqual(['billing']);
  });
});
