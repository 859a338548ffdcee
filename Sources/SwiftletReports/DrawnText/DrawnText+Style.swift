extension DrawnText {
    /// The style of drawn texts; it goes after ``PageStyle/common``.
    package static let style = """
        .drawn{font:17px/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",
        monospace;max-width:1040px}
        .k{display:inline-grid;grid-template-rows:5px auto 5px;row-gap:2px;position:relative;vertical-align:top;
        margin:5px 0 7px;max-width:100%;overflow-x:auto;overflow-y:hidden}
        .k>.a{grid-row:1}.k>.t{grid-row:2}.k>.b{grid-row:3}
        .k i{display:block;min-width:4px;height:5px;margin:0 1px;border-radius:2px;background:var(--quiet)}
        .k .z{justify-self:start;min-width:0;width:5px;margin:0;border-radius:50%}
        .w{display:flex}.w i{flex:1}
        .t{white-space:pre;text-align:center;unicode-bidi:isolate;position:relative;z-index:1;
        pointer-events:none;min-width:6px}
        .t small{font-size:10px;color:var(--soft);border:1px solid var(--line);border-radius:3px;padding:0 2px}
        .g{grid-row:1/4;border-radius:4px;cursor:default}.g:hover{box-shadow:inset 0 0 0 1px var(--soft)}
        .d{background:var(--tint)}.l{background:var(--losttint)}
        .m i.a,.m .a i{background:var(--a)}.m i.a.o,.m .a .o{background:var(--a2)}
        .m i.b,.m .b i{background:var(--b)}.m i.b.o,.m .b .o{background:var(--b2)}
        .k>i,.k>.w{position:relative;z-index:1;pointer-events:none}

        """
}
