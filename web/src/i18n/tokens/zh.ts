import type { en } from './en';

/** 访问令牌页的文字，简体中文。 */
export const zh: typeof en = {
  title: '访问令牌',
  text: '令牌让程序无需密码就能代表你操作：命令行、WebDAV、FTP、订阅阅读器。',
  name: '名称',
  nameHint: '它的用途，例如“笔记本备份”。',
  scopes: '它可以',
  scope: {
    read: '查看',
    write: '更改',
    admin: '管理本站',
  },
  scopesFault: '请至少选择一项。',
  expires: '有效期至',
  expiresHint: '留空则一直有效，直到被撤销或修改密码。',
  make: '创建令牌',
  made: (name) => `令牌“${name}”`,
  secret: '令牌',
  once: '请立即复制：令牌只显示这一次。',
  done: '我已复制',
  none: '你还没有访问令牌。',
  madeAt: (date) => `创建于 ${date}`,
  used: (date) => `最近使用 ${date}`,
  unused: '从未使用',
  until: (date) => `有效期至 ${date}`,
  over: '已过期',
  revoke: '撤销',
  revokeWhat: (name) => `撤销 ${name}`,
  revokeTitle: '撤销这个令牌？',
  revokeText: (name) => `所有使用“${name}”的程序会立即退出登录。`,
  revoked: '令牌已撤销。',
};
