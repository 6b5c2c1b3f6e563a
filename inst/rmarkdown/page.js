// Offers figures as SVG and PNG, tables as CSV and the methods as text. The page reads
// nothing but itself.
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
