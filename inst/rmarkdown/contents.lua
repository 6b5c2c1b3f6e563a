-- Keeps short words such as OP-N or mid-p, and dates, on one line: Word and LaTeX would
-- break them after the hyphen.
function Str(word)
  local text = word.text
  if utf8.len(text) > 11 or not text:find("%w%-%w") then return nil end
  local hyphen = FORMAT == "docx"
    and pandoc.RawInline("openxml", "<w:r><w:noBreakHyphen/></w:r>")
    or pandoc.RawInline("latex", "\\mbox{-}")
  local parts = {}
  local from = 1
  while true do
    local at = text:find("%w%-%w", from)
    if not at then break end
    table.insert(parts, pandoc.Str(text:sub(from, at)))
    table.insert(parts, hyphen)
    from = at + 2
  end
  table.insert(parts, pandoc.Str(text:sub(from)))
  return parts
end

-- In Word the alternative text of a figure is its description, which Markdown has as the
-- title of the image; pandoc would take the caption.
local function figure(image, caption)
  image.caption = { pandoc.Str((image.title:gsub("^fig:", ""))) }
  image.title = ""
  local function styled(content, style)
    return pandoc.Div({ pandoc.Para(content) }, pandoc.Attr("", {}, { ["custom-style"] = style }))
  end
  return { styled({ image }, "Captioned Figure"), styled(caption, "Image Caption") }
end

-- pandoc 2: a figure is a paragraph with an image whose title begins with "fig:"
function Para(para)
  local image = para.content[1]
  if FORMAT ~= "docx" or #para.content ~= 1 or image.t ~= "Image" then return nil end
  if image.title:sub(1, 4) ~= "fig:" then return nil end
  return figure(image, image.caption)
end

-- pandoc 3
function Figure(block)
  local plain = block.content[1]
  local image = plain and plain.content and plain.content[1]
  local caption = block.caption.long and block.caption.long[1]
  if FORMAT ~= "docx" or not caption or not image or image.t ~= "Image" then return nil end
  return figure(image, caption.content)
end

-- Puts a paragraph of links to the sections at the start of a Word document: Word fills a
-- table of contents of its own only when the reader asks for it, and a list would leave no
-- room for the first figure.
function Pandoc(doc)
  if FORMAT ~= "docx" then return doc end
  local items = {}
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.level == 2 and block.identifier ~= "" then
      if #items > 0 then
        table.insert(items, pandoc.Str(" \u{b7}"))
        table.insert(items, pandoc.Space())
      end
      table.insert(items, pandoc.Link(block.content, "#" .. block.identifier))
    end
  end
  if #items > 1 then
    local at = 1
    -- after the notice on invented patients, the only paragraph before the first heading
    while doc.blocks[at] and doc.blocks[at].t == "Para" do at = at + 1 end
    table.insert(doc.blocks, at, pandoc.Para(items))
  end
  return doc
end
