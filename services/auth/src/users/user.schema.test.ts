import { describe, expect, it } from '@jest/globals';
import { Email, NewPassword, TimeZone } from './user.schema.ts';

describe('NewPassword', () => {
  it.each(['12345678', ' leading and trailing ', '😀😀😀😀😀😀😀😀', 'contraseña', 'a'.repeat(128), '😀'.repeat(128)])(
    'takes %j',
    (password) => expect(NewPassword.parse(password)).toBe(password),
  );
  it.each(['', '1234567', '😀😀😀😀', 'a'.repeat(129), 'half a pair \ud800'])('refuses %j', (password) =>
    expect(NewPassword.safeParse(password).success).toBe(false),
  );
});

describe('TimeZone', () => {
  it.each(['UTC', 'Europe/Lisbon', 'America/Argentina/Buenos_Aires'])('takes %s', (name) =>
    expect(TimeZone.parse(name)).toBe(name),
  );
  it.each(['', '+01:00', 'Mars/Olympus', 'Europe/Lisbon; drop table users'])('refuses %j', (name) =>
    expect(TimeZone.safeParse(name).success).toBe(false),
  );
});

describe('Email', () => {
  it('is one address however it is written', () =>
    expect(Email.parse('Ana.Silva@Example.COM')).toBe('ana.silva@example.com'));
  it.each(['', 'ana', 'ana@', 'ana@example.com ', `${'a'.repeat(250)}@example.com`])('refuses %j', (text) =>
    expect(Email.safeParse(text).success).toBe(false),
  );
});
