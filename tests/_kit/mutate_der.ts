/** Mutations of DER that correct the enclosing lengths, so that parsers reach the mutated element. */
import { concat } from "../../src/bytes.ts";
import { mutate, type Random } from "./mutate.ts";

/** An element, with its child elements if it is constructed and well formed. */
interface Node {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly children: Node[] | undefined;
}

/** Splits bytes into elements; returns undefined if they are not a sequence of elements. */
function parse(bytes: Uint8Array, depth: number): Node[] | undefined {
  const nodes: Node[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [tag, first] = [bytes[offset], bytes[offset + 1]];
    if (first === undefined || (tag & 0x1f) === 0x1f || first > 0x83 || first === 0x80) return undefined;
    const size = first < 0x80 ? 0 : first - 0x80;
    let length = first;
    if (size > 0) {
      length = bytes.subarray(offset + 2, offset + 2 + size).reduce((sum, byte) => sum * 256 + byte, 0);
    }
    const start = offset + 2 + size;
    if (start + length > bytes.length) return undefined;
    const contents = bytes.subarray(start, start + length);
    // Octet and bit strings may contain DER.
    const inner = tag === 0x04 ? contents : tag & 0x20 ? contents : undefined;
    const children = inner && depth < 40 ? parse(inner, depth + 1) : undefined;
    nodes.push({ tag, contents, children });
    offset = start + length;
  }
  return nodes;
}

function encode({ tag, contents, children }: Node): Uint8Array {
  const inside = children ? concat(...children.map(encode)) : contents;
  const { length } = inside;
  const header = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : length < 0x10000
    ? [tag, 0x82, length >> 8, length & 0xff]
    : [tag, 0x83, length >> 16, length >> 8 & 0xff, length & 0xff];
  return concat(Uint8Array.from(header), inside);
}

/** Mutates one element: its tag, its contents, its place, or its presence. Bytes that are not DER are mutated as bytes. */
export function mutateDer(bytes: Uint8Array, random: Random): Uint8Array {
  const nodes = parse(bytes, 0);
  if (nodes === undefined || nodes.length === 0) return mutate(bytes, random);
  const lists: Node[][] = [];
  const collect = (list: Node[]): void => {
    if (list.length > 0) lists.push(list);
    for (const { children } of list) if (children) collect(children);
  };
  collect(nodes);
  const list = lists[random(lists.length)];
  change(list, random, lists);
  return concat(...nodes.map(encode));
}

function change(list: Node[], random: Random, lists: readonly Node[][]): void {
  const index = random(list.length);
  const node = list[index];
  switch (random(6)) {
    case 0:
      list.splice(index, 1);
      break;
    case 1:
      list.splice(index, 0, ...Array<Node>(1 + random(random(8) === 0 ? 200 : 3)).fill(node));
      break;
    case 2: {
      const other = lists[random(lists.length)];
      list[index] = childless(other[random(other.length)]);
      break;
    }
    case 3:
      list[index] = { ...node, tag: TAGS[random(TAGS.length)] };
      break;
    case 4:
      list.push(list.shift()!);
      break;
    default:
      list[index] = {
        tag: node.tag,
        contents: mutate(childless(node).contents, random),
        children: undefined,
      };
  }
}

/** Returns an element with its child elements encoded, so that an element that is moved cannot contain itself. */
function childless({ tag, contents, children }: Node): Node {
  return { tag, contents: children ? concat(...children.map(encode)) : contents, children: undefined };
}

const TAGS = [
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31],
  ...[0x80, 0x81, 0x82, 0x84, 0x86, 0x87, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4],
];
