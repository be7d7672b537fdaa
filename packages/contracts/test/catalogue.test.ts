import { describe, expect, it } from '@jest/globals';
import {
  EventEnvelope,
  eventSchemas,
  isAllowed,
  keyScopes,
  permissions,
  roles,
  serviceNames,
  subscribersOf,
  subscriptions,
  type Permission,
} from '../src/index.ts';

const names = Object.keys(permissions) as Permission[];

describe('the event catalogue', () => {
  it('has each type once, named <service>.<noun>.<verb>.v<version>', () => {
    const types = subscriptions.map(({ event }) => event.type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toMatch(/^[a-z]+\.[a-z_]+\.[a-z_]+\.v[1-9]\d*$/);
  });

  it('has a JSON Schema of an object for each', () => {
    for (const schema of Object.values(eventSchemas())) expect(schema).toMatchObject({ type: 'object' });
    expect(Object.keys(eventSchemas())).toHaveLength(subscriptions.length);
  });

  it('knows nobody for a type it does not know', () => {
    expect(subscribersOf('nothing.at.all.v1')).toEqual([]);
  });

  it('refuses an envelope without a workspace', () => {
    const envelope = { specversion: '1.0', id: crypto.randomUUID(), source: '/x', type: 'x', subject: 'x', data: {} };
    expect(EventEnvelope.safeParse(envelope).success).toBe(false);
  });
});

describe('the permission table', () => {
  it('gives a stronger role everything a weaker one has', () => {
    for (const permission of names)
      for (const [at, role] of roles.entries())
        if (isAllowed(permission, { role }))
          for (const stronger of roles.slice(at)) expect(isAllowed(permission, { role: stronger })).toBe(true);
  });

  it('gives a limited token what the role has and the scopes name, and keys no way to make keys', () => {
    for (const permission of names)
      for (const role of roles) {
        expect(isAllowed(permission, { role, scopes: [] })).toBe(false);
        expect(isAllowed(permission, { role, scopes: [permission] })).toBe(isAllowed(permission, { role }));
        expect(isAllowed(permission, { role, scopes: names.filter((name) => name !== permission) })).toBe(false);
      }
    expect(keyScopes).toEqual(expect.arrayContaining(['profile:read', 'document:write']));
    for (const never of ['api-key:write', 'session:write', 'internal:billing.hold'])
      expect(keyScopes).not.toContain(never);
  });

  it('lets nobody write who may not read', () => {
    for (const permission of names.filter((name) => name.endsWith(':write'))) {
      const read = permission.replace(':write', ':read') as Permission;
      if (!(read in permissions)) continue;
      for (const role of roles) if (isAllowed(permission, { role })) expect(isAllowed(read, { role })).toBe(true);
    }
  });

  it('keeps internal permissions from every person, and gives them to the named services only', () => {
    for (const permission of names.filter((name) => name.startsWith('internal:'))) {
      const rule: { services?: readonly string[]; role?: string } = permissions[permission];
      for (const role of roles) {
        expect(isAllowed(permission, { role })).toBe(false);
        for (const actor of serviceNames)
          expect(isAllowed(permission, { role, actor })).toBe(rule.services?.includes(actor));
      }
    }
  });
});
