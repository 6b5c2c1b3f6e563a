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

-- Puts a list of links to the sections at the start of a Word document: Word fills a table
-- of contents of its own only when the reader asks for it.
function Pandoc(doc)
  if FORMAT ~= "docx" then return doc end
  local items = {}
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.level == 2 and block.identifier ~= "" then
      local link = pandoc.Link(block.content, "#" .. block.identifier)
      table.insert(items, { pandoc.Plain({ link }) })
    end
  end
  if #items > 1 then
    local at = 1
    -- after the notice on invented patients, the only paragraph before the first heading
    while doc.blocks[at] and doc.blocks[at].t == "Para" do at = at + 1 end
    table.insert(doc.blocks, at, pandoc.BulletList(items))
  end
  return doc
end
