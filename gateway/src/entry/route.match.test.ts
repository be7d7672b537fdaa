import { describe, expect, it } from '@jest/globals';
import { routes } from '../routes.table.ts';
import { createMatcher } from './route.match.ts';

const match = createMatcher(routes);

describe('createMatcher', () => {
  it.each([
    ['GET', '/api/v1/documents', 'document'],
    ['GET', '/api/v1/documents/1/content', 'document'],
    ['DELETE', '/api/v1/calendar/events/1', 'calendar'],
    ['GET', '/api/v1/runs/1/events', 'agent-orchestrator'],
    ['GET', '/api/v1/ops/billing/dead-letters', 'billing'],
    ['GET', '/api/v1/ops/auth/dead-letters', 'auth'],
    ['POST', '/api/v1/workspaces/1/switch', 'auth'],
    ['POST', '/api/v1/invitations/accept', 'auth'],
    ['HEAD', '/.well-known/jwks.json', 'auth'],
  ])('%s %s belongs to %s', (method, path, service) => {
    expect(match(method, path)?.to).toBe(service);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/api/v1'],
    ['GET', '/api/v1/'],
    ['GET', '/api/v1/documentsx'],
    ['GET', '/api/v1/DOCUMENTS'],
    ['GET', '/api/v1/internal/tokens'],
    ['POST', '/internal/tokens'],
    ['GET', '/api/v1/ops'],
    ['GET', '/api/v1/ops/gateway'],
    ['GET', '/API/v1/documents'],
    ['POST', '/.well-known/jwks.json'],
    ['GET', '/documents'],
  ])('%s %s belongs to nobody', (method, path) => {
    expect(match(method, path)).toBeUndefined();
  });

  it.each(['/api/v1/auth/login', '/api/v1/auth/login/', '/api/v1/auth/LOGIN', '/api/v1/auth/Register'])(
    'holds POST %s to the strict limit',
    (path) => {
      expect(match('POST', path)).toMatchObject({ public: true, rate: 'strict', to: 'auth' });
    },
  );

  it('shows the permission table to everybody', () => {
    expect(match('GET', '/api/v1/auth/permissions/')).toMatchObject({ public: true, rate: 'anonymous', to: 'auth' });
    expect(match('POST', '/api/v1/auth/permissions')?.public).toBeUndefined();
  });

  it('opens nothing else of auth without a token', () => {
    for (const path of ['/api/v1/auth', '/api/v1/auth/me', '/api/v1/auth/login/x', '/api/v1/auth/logout'])
      expect(match('POST', path)?.public).toBeUndefined();
    expect(match('GET', '/api/v1/auth/login')?.public).toBeUndefined();
  });
});
