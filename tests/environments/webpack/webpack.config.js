import { resolve } from "node:path";
import HtmlWebpackPlugin from "html-webpack-plugin";

/** @type {import("webpack").Configuration} */
export default {
  entry: "./src/index.js",
  output: { path: resolve("dist") },
  plugins: [new HtmlWebpackPlugin()],
};
