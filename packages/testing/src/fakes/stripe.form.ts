/** A value of Stripe's form encoding: text, or what brackets make of it. */
export interface Form {
  [name: string]: string | Form | undefined;
}

/** Reads Stripe's form encoding: `line_items[0][price_data][currency]=usd`. */
export const readForm = (text: string): Form => {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.replaceAll(']', '').split('[');
    const last = path.pop() ?? '';
    let place = form;
    for (const part of path) {
      const next = place[part];
      place = place[part] = typeof next === 'object' ? next : {};
    }
    place[last] = value;
  }
  return form;
};

export const formIn = (form: Form, name: string): Form => {
  const value = form[name];
  return typeof value === 'object' ? value : {};
};
export const textIn = (form: Form, name: string): string | undefined => {
  const value = form[name];
  return typeof value === 'string' ? value : undefined;
};
export const flat = (form: Form): Record<string, string> =>
  Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
