import type { Plugin } from 'vite';

type Node = [tag: string, attributes: Record<string, string | number>];

const ICON = /\/@lucide\/svelte\/dist\/icons\/[^/]+\.svelte$/;

const attributesOf = (attributes: Node[1]) =>
  Object.entries(attributes)
    .filter(([name]) => name !== 'key')
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('');

/**
 * Makes each icon a plain piece of markup. The package builds an icon out of data, element by element and attribute by
 * attribute, whenever one is shown; a page has dozens, and on a phone they took longer than all else that is drawn.
 */
export function plainIcons(): Plugin {
  return {
    name: 'playhouse:plain-icons',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!ICON.test(id)) return null;
      const data = /^const iconData = (\{.*\});$/m.exec(code)?.[1];
      if (!data) throw new Error(`${id} is written in another way than plain-icons.ts knows.`);
      const { name, node } = JSON.parse(data) as { name: string; node: Node[] };
      const drawing = node.map(([tag, attributes]) => `<${tag}${attributesOf(attributes)} />`).join('');
      return {
        code: `<script>
  let { size = 24, strokeWidth = 2, fill = 'none' } = $props();
</script>
<svg class="lucide lucide-${name}" width={size} height={size} viewBox="0 0 24 24" {fill} stroke="currentColor"
  stroke-width={strokeWidth} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${drawing}</svg>
`,
        map: null,
      };
    },
  };
}
