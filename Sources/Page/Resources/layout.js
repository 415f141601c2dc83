// Where the graph's nodes and edges are, in CSS pixels.
export const NODE_WIDTH = 176, NODE_HEIGHT = 42, COLUMN = 470, ROW_GAP = 30, PORT = 22, LOOP = 30;

// Columns by the number of steps from who serves; within a column the busiest first.
export function layOut(edges) {
  const nodes = nodesOf(edges);
  let front = [...nodes.values()].filter(found => found.isEntry);
  if (!front.length) front = [...nodes.values()].sort((left, right) => right.waits - left.waits).slice(0, 1);
  for (const root of front) root.depth = 0;
  while (front.length) {
    const next = [];
    for (const edge of edges) {
      const to = nodes.get(edge.to), from = nodes.get(edge.from);
      if (front.includes(from) && to.depth === null) {
        to.depth = from.depth + 1;
        next.push(to);
      }
    }
    // Whoever was not reached stands before those that it waits for, as clients do.
    if (!next.length) {
      const rest =
          [...nodes.values()].filter(found => found.depth === null).sort((left, right) => right.waits - left.waits)[0];
      if (rest) {
        const depths = edges.filter(edge => edge.from === rest.name)
                           .map(edge => nodes.get(edge.to).depth)
                           .filter(depth => depth !== null);
        rest.depth = depths.length ? Math.min(...depths) - 1 : 0;
        next.push(rest);
      }
    }
    front = next;
  }
  const least = Math.min(...[...nodes.values()].map(found => found.depth));
  for (const found of nodes.values()) found.depth -= least;
  spreadPorts(nodes, edges);
  const columns = [];
  for (const found of nodes.values()) (columns[found.depth] ??= []).push(found);
  columns.forEach((column, depth) => {
    column.sort((left, right) => right.waits + right.isWaitedFor - left.waits - left.isWaitedFor);
    let y = 14;
    for (const found of column) {
      found.x = 12 + depth * COLUMN;
      found.y = y;
      y += found.height + found.loops * LOOP + ROW_GAP;
    }
  });
  return nodes;
}

function nodesOf(edges) {
  const nodes = new Map();
  const node = (name, isThread) => {
    if (!nodes.has(name))
      nodes.set(name, {
        name,
        isThread: false,
        waits: 0,
        isWaitedFor: 0,
        depth: null,
        isEntry: false,
        loops: 0,
        height: NODE_HEIGHT,
        left: 0,
        right: 0
      });
    const found = nodes.get(name);
    found.isThread ||= isThread;
    return found;
  };
  for (const edge of edges) {
    const from = node(edge.from, true), to = node(edge.to, edge.isThread);
    from.waits += edge.time;
    from.isEntry ||= edge.isEntry;
    to.isWaitedFor += edge.time;
  }
  return nodes;
}

// Widths of edges, and where they leave and reach their nodes: one below the other, so that labels have room.
function spreadPorts(nodes, edges) {
  const largest = edges[0].time;
  for (const edge of edges) {
    const from = nodes.get(edge.from), to = nodes.get(edge.to);
    edge.width = Math.max(1.2, edge.time / largest * 9);
    if (from === to) {
      edge.loop = from.loops++;
      continue;
    }
    edge.start = to.depth < from.depth ? from.left++ : from.right++;
    edge.end = to.depth > from.depth ? to.left++ : to.right++;
  }
  for (const node of nodes.values()) node.height = Math.max(NODE_HEIGHT, Math.max(node.left, node.right) * PORT + 8);
}

// The way of an edge, and where its label stands.
export function curve(edge, nodes) {
  const from = nodes.get(edge.from), to = nodes.get(edge.to);
  if (from === to) {
    const y = from.y + from.height, deep = y + 14 + edge.loop * LOOP, x = from.x + 24 + edge.loop * 10;
    return {
      path: `M${x} ${y}C${x - 6} ${deep + 14} ${x + 96} ${deep + 14} ${x + 74} ${y + 3}`,
      x: x + 88,
      y: deep + 6,
      anchor: "start"
    };
  }
  const x1 = from.x + NODE_WIDTH, y1 = from.y + 16 + edge.start * PORT;
  const y2 = to.y + 16 + edge.end * PORT;
  if (to.depth > from.depth) {
    const x2 = to.x - 3, bend = (x2 - x1) / 2;
    return {
      path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
      x: x2 - 12,
      y: y2 - edge.width / 2 - 3,
      anchor: "end"
    };
  }
  if (to.depth < from.depth) {
    const begin = from.x, end = to.x + NODE_WIDTH + 3, bend = (begin - end) / 2;
    return {
      path: `M${begin} ${y1}C${begin - bend} ${y1} ${end + bend} ${y2} ${end} ${y2}`,
      x: end + 14,
      y: y2 - edge.width / 2 - 3,
      anchor: "start"
    };
  }
  // Down the same column: around the right side.
  const x2 = to.x + NODE_WIDTH + 3, out = Math.max(x1, x2) + 50 + Math.abs(y2 - y1) * 0.1;
  const side = Math.max(x1, x2);
  return {
    path: `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x2} ${y2}`,
    x: side + (out - side) * 0.75 + 5,
    y: (y1 + y2) / 2 + 4,
    anchor: "start"
  };
}
