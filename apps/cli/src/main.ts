console.log("holdfast");
