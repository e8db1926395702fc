import { describe, expect, it } from 'vitest';
import { tAdmin } from '../../i18n/admin';
import { actionChoices, nameOf } from './audit';

describe('the filter of the audit log', () => {
  it('offers every action that has a text, once, and none without a kind', () => {
    const offered = actionChoices().map(({ value }) => value);
    expect(new Set(offered).size).toBe(offered.length);
    expect(offered.map((action) => action.replace('.', '_')).sort()).toEqual(
      Object.keys(tAdmin.audit.actions).sort(),
    );
    expect(offered).toEqual(
      expect.arrayContaining([
        'movie.drop_renditions',
        'webhook.renew_secret',
        'webhook.switch_off',
        'room.ban',
      ]),
    );
  });

  it('keeps together what is about one thing', () => {
    const groups = actionChoices().map(({ group }) => group);
    const turns = groups.filter((group, index) => group !== groups[index - 1]);
    expect(new Set(turns).size).toBe(turns.length);
  });

  it('calls what it does not know by its own name', () => {
    expect(nameOf('webhook.ping')).toBe('Test sent to a webhook');
    expect(nameOf('robot.dance_off')).toBe('robot.dance_off');
  });
});
