/** Title of a conversation until its first message gives it one. */
export const UNTITLED = 'New conversation';

const LONGEST = 80;

/** A title from a first message: its first line, cut at a word. */
export const titleOf = (text: string): string => {
  const line = text.trim().split('\n')[0]?.replace(/\s+/g, ' ').trim() ?? '';
  const letters = [...line];
  if (letters.length <= LONGEST) return line || UNTITLED;
  const cut = letters.slice(0, LONGEST - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > LONGEST / 2 ? cut.slice(0, space) : cut}…`;
};

/** Whether a name is a time zone that this machine knows (IANA). */
export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
