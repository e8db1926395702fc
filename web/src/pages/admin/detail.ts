/** What an audit entry says about a change, a line each: `price: 490`; what lies deeper is named `before.price`. */
export function detailLines(detail: unknown, prefix = ''): { name: string; value: string }[] {
  if (typeof detail !== 'object' || detail === null) return [];
  return Object.entries(detail).flatMap(([key, value]: [string, unknown]) => {
    const name = prefix + key;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return detailLines(value, `${name}.`);
    }
    return [{ name, value: typeof value === 'string' ? value : JSON.stringify(value) }];
  });
}
