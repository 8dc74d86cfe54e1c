import { Component, signal } from "@angular/core";
import * as propusk from "propusk";
import { report } from "../shared/drive.mjs";

@Component({
  selector: "app-root",
  template: "<output>{{ shown() }}</output>",
})
export class App {
  protected readonly shown = signal("");

  constructor() {
    report(propusk).then((done) => this.shown.set(JSON.stringify(done)));
  }
}
