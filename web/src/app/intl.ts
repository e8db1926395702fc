/** A formatter costs a hundred times what it does: each is made once for its language and its options. */
const made = new Map<string, unknown>();

function once<Formatter>(kind: string, language: string, options: object, make: () => Formatter): Formatter {
  const key = `${kind}|${language}|${JSON.stringify(options)}`;
  const known = made.get(key) as Formatter | undefined;
  if (known) return known;
  const formatter = make();
  made.set(key, formatter);
  return formatter;
}

export function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return once('number', language, options, () => new Intl.NumberFormat(language, options));
}

export function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once('date', language, options, () => new Intl.DateTimeFormat(language, options));
}
