import { skillNames } from '../skills/skill.ts';

/** The agent that every workspace begins with, and that conversations take when they name none. */
export const DEFAULT_AGENT = {
  slug: 'assistant',
  name: 'Assistant',
  instructions: [
    'You are a helpful assistant of this workspace. Answer in the language you are asked in, briefly and to the point.',
    'When a question may be about the documents of the workspace, search them before you answer.',
    'When somebody asks to book something, do it and then say what was booked and when.',
    'When you do not know, say so.',
  ].join('\n'),
  skills: [...skillNames],
};

const LONGEST_SLUG = 64;

/** A slug from a name: folded to small letters and hyphens; undefined when nothing is left of it. */
export const slugOf = (name: string): string | undefined => {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? undefined : slug;
};
