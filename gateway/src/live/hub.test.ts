import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@atrium/service-kit';
import { createHub, type Listener } from './hub.ts';

const hub = () => createHub(createLogger({ service: 'gateway', level: 'silent' }));
const listenerOf = (workspaceId: string, userId = randomUUID()): Listener & { heard: string[] } => {
  const heard: string[] = [];
  return { workspaceId, userId, heard, send: (text) => heard.push(text) };
};
const messageOf = (workspaceid: string, audience: string, userid?: string): string => {
  const id = randomUUID();
  const time = new Date(0).toISOString();
  const common = { specversion: '1.0', id, source: 'document', type: 'document.version.processed.v1', time };
  const envelope = { ...common, subject: 'x', datacontenttype: 'application/json', workspaceid, userid, data: {} };
  return JSON.stringify({ audience, envelope });
};

describe('createHub', () => {
  const [here, there] = [randomUUID(), randomUUID()];

  it('tells every listener of the workspace and nobody else', () => {
    const { add, publish } = hub();
    const [one, two, other] = [listenerOf(here), listenerOf(here), listenerOf(there)];
    for (const listener of [one, two, other]) add(listener);
    publish(here, messageOf(here, 'workspace'));
    expect([one, two, other].map(({ heard }) => heard.length)).toEqual([1, 1, 0]);
    expect(JSON.parse(one.heard[0] ?? '')).toMatchObject({ type: 'event', event: { workspaceid: here } });
  });

  it('tells the one user of a message for a user', () => {
    const { add, publish } = hub();
    const [one, two] = [listenerOf(here), listenerOf(here)];
    add(one);
    add(two);
    publish(here, messageOf(here, 'user', one.userId));
    publish(here, messageOf(here, 'user'));
    publish(here, messageOf(here, 'none'));
    expect([one.heard.length, two.heard.length]).toEqual([1, 0]);
  });

  it('drops what is no message and what belongs to another workspace', () => {
    const { add, publish } = hub();
    const one = listenerOf(here);
    add(one);
    for (const text of ['', 'x', '{}', '{"audience":"workspace","envelope":{}}', messageOf(there, 'workspace')])
      publish(here, text);
    expect(one.heard).toEqual([]);
  });

  it('forgets who left, also when asked twice', () => {
    const { add, publish } = hub();
    const [gone, back] = [listenerOf(here), listenerOf(here)];
    const leave = add(gone);
    leave();
    add(back);
    leave();
    publish(here, messageOf(here, 'workspace'));
    expect([gone.heard.length, back.heard.length]).toEqual([0, 1]);
  });
});
