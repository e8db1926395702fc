/** What the third pane shows, named in the address by `?show=`. */
export const SIDES = ['members', 'search'] as const;
export type Side = (typeof SIDES)[number];
