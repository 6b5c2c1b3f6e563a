// Offers figures as SVG and PNG, tables as CSV and the methods as text, and shows the values
// of curves at the time under the pointer. The page reads nothing but itself.
(function () {
  "use strict";
  function save(href, name) {
    var link = document.createElement("a");
    link.href = href;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
  }
  function button(text, label, act) {
    var b = document.createElement("button");
    b.type = "button";
    b.className = "get";
    b.textContent = text;
    b.setAttribute("aria-label", label);
    b.addEventListener("click", function () { act(b); });
    return b;
  }
  function png(image, name) {
    var canvas = document.createElement("canvas");
    canvas.width = 3 * image.width;
    canvas.height = 3 * image.height;
    var pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    var copy = new Image();
    copy.onload = function () {
      pen.drawImage(copy, 0, 0, canvas.width, canvas.height);
      save(canvas.toDataURL("image/png"), name);
    };
    copy.src = image.src;
  }
  document.querySelectorAll("figure[id]").forEach(function (figure) {
    var image = figure.querySelector("img");
    var caption = figure.querySelector("figcaption");
    var image2 = { src: image.src, width: +image.getAttribute("width"),
      height: +image.getAttribute("height") };
    [["SVG", function () { save(image.src, figure.id + ".svg"); }],
      ["PNG", function () { png(image2, figure.id + ".png"); }]
    ].forEach(function (item) {
      caption.append(" ", button(item[0], "Save " + figure.id + " as " + item[0], item[1]));
    });
  });
  function csv(table) {
    return Array.from(table.rows).map(function (row) {
      return Array.from(row.cells).map(function (cell) {
        var lines = cell.innerHTML.split(/<br[^>]*>/).map(function (part) {
          var box = document.createElement("div");
          box.innerHTML = part;
          return box.textContent.trim();
        });
        var text = lines[0] + (lines.length > 1 ? " (" + lines.slice(1).join("; ") + ")" : "");
        return '"' + text.replace(/"/g, '""') + '"';
      }).join(",");
    }).join("\r\n");
  }
  document.querySelectorAll(".table").forEach(function (box, i) {
    var table = box.querySelector("table");
    if (!table || !table.caption) return;
    table.caption.append(" ", button("CSV", "Save this table as CSV", function () {
      var blob = new Blob(["\ufeff" + csv(table)], { type: "text/csv" });
      var href = URL.createObjectURL(blob);
      save(href, "table-" + (i + 1) + ".csv");
      setTimeout(function () { URL.revokeObjectURL(href); }, 1000);
    }));
  });
  // Rows of the CSV of a figure, as objects
  function rows_of(href) {
    var bytes = Uint8Array.from(atob(href.split(",")[1]), function (c) {
      return c.charCodeAt(0);
    });
    var lines = new TextDecoder().decode(bytes).trim().split("\n").map(function (line) {
      return line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g).map(function (cell) {
        return cell.replace(/,$/, "").replace(/^"|"$/g, "").replace(/""/g, '"');
      });
    });
    return lines.slice(1).map(function (cells) {
      var row = {};
      lines[0].forEach(function (name, j) { row[name] = cells[j]; });
      return row;
    });
  }
  function percent(text) {
    var x = 100 * text;
    return x.toFixed(x > 0 && x < 9.95 ? 1 : 0);
  }
  // The value of a curve at a time, and the number at risk just before it
  function value_at(curve, time) {
    var now = curve[0], next = null;
    curve.forEach(function (row) {
      if (+row.time <= time) now = row;
      if (next === null && +row.time >= time) next = row;
    });
    if (time > +curve[curve.length - 1].time) return "not followed so long";
    var limits = now["conf.low"] === "" || now["conf.low"] === undefined ? "" :
      " (" + percent(now["conf.low"]) + "\u2013" + percent(now["conf.high"]) + ")";
    var risk = next["n.risk"] === "" ? "" : ", at risk " + next["n.risk"];
    return percent(now.estimate) + "%" + limits + risk;
  }
  // Curves are read by pointer, touch or arrow keys: a slider over time, whose value is the
  // text of the values
  document.querySelectorAll(".curves").forEach(function (box) {
    var link = box.parentNode.querySelector("a[download]");
    var p = box.dataset.panel.split(" ").map(Number), unit = box.dataset.unit;
    var curves = {}, names = [];
    rows_of(link.href).forEach(function (row) {
      if (!curves[row.strata]) { curves[row.strata] = []; names.push(row.strata); }
      curves[row.strata].push(row);
    });
    var last = Math.max.apply(null, names.map(function (name) {
      return +curves[name][curves[name].length - 1].time;
    }));
    var line = document.createElement("div"), tip = document.createElement("div");
    line.className = "at";
    tip.className = "values";
    line.hidden = tip.hidden = true;
    box.append(line, tip);
    var now = 0;
    function show(time) {
      now = Math.min(Math.max(time, 0), last);
      var x = p[0] + (p[1] - p[0]) * (now - p[4]) / (p[5] - p[4]);
      var texts = names.map(function (name) {
        return (names.length > 1 ? name + ": " : "") + value_at(curves[name], now);
      });
      texts.unshift(now.toFixed(1) + " " + unit);
      tip.replaceChildren();
      texts.forEach(function (text) {
        var part = document.createElement("div");
        part.textContent = text;
        tip.append(part);
      });
      line.style.left = tip.style.left = 100 * x + "%";
      line.style.top = tip.style.top = 100 * p[2] + "%";
      line.style.height = 100 * (p[3] - p[2]) + "%";
      tip.classList.toggle("left", x > 0.55);
      line.hidden = tip.hidden = false;
      box.setAttribute("aria-valuenow", now.toFixed(1));
      box.setAttribute("aria-valuetext", texts.join("; "));
    }
    function hide() { line.hidden = tip.hidden = true; }
    box.tabIndex = 0;
    box.setAttribute("role", "slider");
    box.setAttribute("aria-label", "Values of " + box.parentNode.id.replace("-", " ") +
      " by time in " + unit);
    box.setAttribute("aria-valuemin", "0");
    box.setAttribute("aria-valuemax", last.toFixed(1));
    box.setAttribute("aria-valuenow", "0");
    box.addEventListener("pointermove", function (event) {
      var r = box.getBoundingClientRect();
      var x = (event.clientX - r.left) / r.width, y = (event.clientY - r.top) / r.height;
      if (x < p[0] || x > p[1] || y < p[2] || y > p[3]) return hide();
      show(p[4] + (p[5] - p[4]) * (x - p[0]) / (p[1] - p[0]));
    });
    box.addEventListener("pointerleave", hide);
    box.addEventListener("blur", hide);
    box.addEventListener("keydown", function (event) {
      var step = last / 50;
      var to = { ArrowRight: now + step, ArrowLeft: now - step, ArrowUp: now + step,
        ArrowDown: now - step, PageUp: now + 5 * step, PageDown: now - 5 * step, Home: 0,
        End: last }[event.key];
      if (event.key === "Escape") return hide();
      if (to === undefined) return;
      event.preventDefault();
      show(to);
    });
  });
  var heading = document.getElementById("methods");
  if (!heading) return;
  heading.append(" ", button("Copy the text", "Copy the text of the methods", function (b) {
    var text = [];
    for (var part = heading.nextElementSibling; part; part = part.nextElementSibling) {
      if (part.tagName === "H2") break;
      if (part.tagName === "P" || part.tagName === "UL") text.push(part.innerText);
    }
    text = text.join("\n\n");
    function done() { b.textContent = "Copied"; }
    function by_hand() {
      var area = document.createElement("textarea");
      area.value = text;
      document.body.appendChild(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      done();
    }
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, by_hand);
    else by_hand();
  }));
}());
