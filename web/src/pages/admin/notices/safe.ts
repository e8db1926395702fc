/** The address of a link that somebody typed, if it leads somewhere harmless. */
export function safeHref(href: string): string | undefined {
  const address = href.trim();
  return /^(https?:|mailto:)/i.test(address) || /^\/(?![/\\])/.test(address) ? address : undefined;
}
