/** The strings of the page of one's own data. */
export const en = {
  title: 'Your data',
  seen: 'Last seen',
  seenLabel: 'Show friends and people in your rooms when you were here last',
  seenHint: 'If you hide yours, you do not see that of others.',
  exportTitle: 'Export your data',
  exportText:
    'A zip archive with everything that the house knows of you: profile, messages, lists of your files, purchases and records. Your files themselves are a download of the drive.',
  exportAction: 'Export',
  deleteTitle: 'Delete the account',
  deleteText:
    'Your profile, your files, your messages and what you have bought go at once and for ever. What is left in your wallet is given up. In rooms it stays visible that somebody wrote, without a word of it; the books of the house keep the amounts. Your user name is free for others.',
  deleteAction: 'Delete account',
  sureTitle: 'Delete this account for ever?',
  sureText: 'Nobody can bring it back. Export your data and download your files first.',
  password: 'Your password',
  wrongPassword: 'This is not your password.',
  lastAdmin: 'You are the last admin. Make somebody else an admin first.',
  deleted: 'Your account is deleted.',
};
