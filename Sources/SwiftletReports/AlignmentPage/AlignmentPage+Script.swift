extension AlignmentPage {
    /// Sorts the table by a column, and shows a group's tokens at the pointer.
    ///
    /// Without scripts the page still shows everything: a group's tokens then appear in the
    /// browser's tooltip.
    static let script = """
        "use strict";
        const table=document.getElementById("texts"),tip=document.getElementById("tip");
        const value=(body,column)=>Number(body.rows[0].cells[column].dataset.value);
        table.tHead.addEventListener("click",event=>{
          const button=event.target.closest("button");
          if(!button)return;
          const column=Number(button.dataset.column);
          const order=button.getAttribute("aria-sort")==="descending"?"ascending":"descending";
          for(const other of table.tHead.querySelectorAll("button"))other.removeAttribute("aria-sort");
          button.setAttribute("aria-sort",order);
          const sign=order==="ascending"?1:-1;
          const bodies=[...table.tBodies];
          bodies.sort((x,y)=>sign*(value(x,column)-value(y,column)));
          table.append(...bodies);
        });
        const place=event=>{
          const box=tip.getBoundingClientRect(),gap=14;
          const left=Math.max(8,Math.min(event.clientX+gap,innerWidth-box.width-8));
          const below=event.clientY+gap+box.height<innerHeight-8;
          tip.style.left=left+"px";
          tip.style.top=Math.max(8,below?event.clientY+gap:event.clientY-gap-box.height)+"px";
        };
        table.addEventListener("pointerover",event=>{
          const group=event.target.closest(".g");
          if(!group){tip.hidden=true;return;}
          if(group.title){group.dataset.tip=group.title;group.removeAttribute("title");}
          tip.replaceChildren();
          for(const line of group.dataset.tip.split("\\n")){
            const row=document.createElement("div"),label=document.createElement("b");
            const end=line.indexOf(" ");
            label.textContent=line.slice(0,end);
            row.append(label,line.slice(end+1));
            tip.append(row);
          }
          tip.hidden=false;
          place(event);
        });
        table.addEventListener("pointermove",event=>{if(!tip.hidden)place(event);});
        table.addEventListener("pointerleave",()=>{tip.hidden=true;});
        """
}
