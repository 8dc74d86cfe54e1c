/** Tables that read well in a terminal and in Markdown. @param {string} title @param {string[]} head @param {(string | number)[][]} rows */
export function table(title, head, rows) {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const print = (/** @type {string[]} */ line) => console.log(`| ${line.map((cell, n) => (n ? cell.padStart(widths[n]) : cell.padEnd(widths[n]))).join(" | ")} |`);
  console.log(`\n${title}\n`);
  print(lines[0]);
  console.log(`|${widths.map((width, n) => (n ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`);
  for (const line of lines.slice(1)) print(line);
}

/** The middle one. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
