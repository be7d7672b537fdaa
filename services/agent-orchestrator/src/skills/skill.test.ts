import { describe, expect, it } from '@jest/globals';
import { DomainError, unavailable } from '@atrium/service-kit';
import { z } from 'zod';
import { skillSet } from './skill.registry.ts';
import { defineSkill, skillNames, type Skill, type SkillContext } from './skill.ts';

const context = (signal = new AbortController().signal): SkillContext => ({
  urls: { document: '', billing: '', calendar: '' },
  token: () => Promise.resolve('token'),
  idempotencyKey: 'run:1',
  nextPassage: 1,
  timeZone: 'UTC',
  signal,
});
const skill = (risk: Skill['risk'], run: () => Promise<{ count: number; secret: string }>) =>
  defineSkill({
    name: 'get_balance',
    description: 'Counts',
    risk,
    input: z.object({ to: z.int().min(1) }),
    output: z.object({ count: z.number(), secret: z.string() }),
    run,
    summarize: ({ count }) => `${count} counted`,
    tell: ({ count }) => ({ count }),
  });
const fails = (error: Error) => () => Promise.reject(error);

describe('a skill', () => {
  it('checks its arguments, and says what is wrong with them', async () => {
    const outcome = await skill('read', fails(new Error('not called'))).call({ to: 0 }, context());
    expect(outcome).toMatchObject({ ok: false, error: { code: 'skill.invalid_arguments' } });
    expect(JSON.stringify(outcome)).toContain('to:');
  });

  it('keeps all of its output and tells the model a part', async () => {
    const set = skillSet(['get_balance'], { get_balance: skill('read', async () => ({ count: 2, secret: 'x' })) });
    const outcome = await set.call({ name: 'get_balance', arguments: { to: 1 } }, context());
    expect(outcome).toEqual({ ok: true, output: { count: 2, secret: 'x' }, summary: '2 counted' });
    expect(set.tell('get_balance', outcome)).toBe('{"count":2}');
  });

  it.each([
    ['read', new DomainError('a.refused', 403, 'No.'), 'a.refused'],
    ['read', unavailable('a.unavailable', 'Away.'), 'a.unavailable'],
    ['read', new Error('odd'), 'skill.failed'],
    ['write', new DomainError('a.refused', 409, 'No.'), 'a.refused'],
  ] as const)('that %ss turns a refusal into an answer', async (risk, error, code) => {
    expect(await skill(risk, fails(error)).call({ to: 1 }, context())).toMatchObject({ ok: false, error: { code } });
  });

  it.each([unavailable('a.unavailable', 'Away.'), new Error('the answer was lost')])(
    'that writes does not say it failed when nobody knows: %s',
    async (error) => {
      await expect(skill('write', fails(error)).call({ to: 1 }, context())).rejects.toBe(error);
    },
  );

  it('ends with the run when that is stopped', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(skill('read', fails(new Error('x'))).call({ to: 1 }, context(stop.signal))).rejects.toThrow('stopped');
  });
});

describe('a set of skills', () => {
  it('offers what the agent has, as JSON Schema of objects', () => {
    expect(skillSet([]).tools).toEqual([]);
    const { tools } = skillSet(skillNames);
    expect(tools.map(({ name }) => name)).toEqual([...skillNames]);
    for (const { parameters } of tools) expect(parameters).toMatchObject({ type: 'object' });
  });

  it('refuses a skill that the agent does not have', async () => {
    const outcome = await skillSet(['list_events']).call({ name: 'create_event', arguments: {} }, context());
    expect(outcome).toMatchObject({ ok: false, error: { code: 'skill.unknown' } });
  });
});
