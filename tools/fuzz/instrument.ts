/** Inserts counters for each branch into a module's JavaScript, which tell the fuzzer that an input reached something new. */
import { type AnyNode, parse } from "acorn";

/** The counters of every instrumented module, on the global object of the thread that fuzzes. */
export const COUNTERS = "__fesaCounters";

/** An instrumented module. */
export interface Instrumented {
  readonly code: string;
  /** How many counters it has. */
  readonly count: number;
  /** The string literals in its code, such as field names, which its parsers compare with. */
  readonly texts: readonly string[];
}

/** Text to insert into a source. Of two at one position, the one for the outer node comes first. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Puts counters into a module, numbered from `first`. */
export function instrument(source: string, first: number): Instrumented {
  const instrumenter = new Instrumenter(first);
  instrumenter.visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
  return { code: instrumenter.applyTo(source), ...instrumenter };
}

class Instrumenter {
  count = 0;
  readonly texts: string[] = [];
  readonly #first: number;
  readonly #opening: Insertion[] = [];
  readonly #closing: Insertion[] = [];

  constructor(first: number) {
    this.#first = first;
  }

  visit(node: AnyNode): void {
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        if (node.body.type === "BlockStatement") this.#statement(node.body);
        else this.#expression(node.body);
        break;
      case "IfStatement":
        // Of several that close at one position, the last one recorded closes first.
        if (node.alternate) this.#statement(node.alternate);
        else this.#closing.push({ at: node.end, text: `else{${this.#hit()};}` });
        this.#statement(node.consequent);
        break;
      case "ForStatement":
      case "ForOfStatement":
      case "ForInStatement":
      case "WhileStatement":
        this.#statement(node.body);
        break;
      case "ConditionalExpression":
        this.#expression(node.consequent);
        this.#expression(node.alternate);
        break;
      case "LogicalExpression":
        this.#expression(node.right);
        break;
      case "SwitchCase":
        this.#closing.push({ at: node.consequent[0]?.start ?? node.end, text: `${this.#hit()};` });
        break;
      case "CatchClause":
        this.#statement(node.body);
        break;
      case "Literal":
        if (typeof node.value === "string" && /^.{2,40}$/.test(node.value)) this.texts.push(node.value);
    }
    for (const child of childrenOf(node)) this.visit(child);
  }

  applyTo(source: string): string {
    // At one position, closing text comes before opening text, and the inner closing first.
    const insertions = [
      ...this.#closing.map((insertion, order) => ({ ...insertion, rank: -1 - order })),
      ...this.#opening.map((insertion, order) => ({ ...insertion, rank: order })),
    ].sort((a, b) => a.at - b.at || a.rank - b.rank);
    let [code, offset] = ["", 0];
    for (const { at, text } of insertions) {
      code += source.slice(offset, at) + text;
      offset = at;
    }
    return code + source.slice(offset);
  }

  #hit(): string {
    return `${COUNTERS}[${this.#first + this.count++}]++`;
  }

  #statement({ type, start, end }: AnyNode): void {
    if (type === "BlockStatement") {
      this.#opening.push({ at: start + 1, text: `${this.#hit()};` });
      return;
    }
    this.#opening.push({ at: start, text: `{${this.#hit()};` });
    this.#closing.push({ at: end, text: "}" });
  }

  #expression({ start, end }: AnyNode): void {
    this.#opening.push({ at: start, text: `(${this.#hit()},` });
    this.#closing.push({ at: end, text: ")" });
  }
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter((value) => typeof value?.type === "string") as AnyNode[];
}
